//! Black-box tests of Samenhang: scenarios, faults, benches. They talk HTTP and CLI only.
