//! Black-box tests: scenarios, faults, and rules over the tree itself. One binary, so that it links once.

mod layering;
