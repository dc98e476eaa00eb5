//! Commands. 
fn main() {}
