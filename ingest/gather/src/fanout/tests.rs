mod bench;
mod consent;
mod faults;
mod flow;
mod timing;
