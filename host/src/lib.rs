//! The PC port.
