//! The only doors to the outside world: clock, chance, disk.
//!
//! Each door is a trait with a real kind and a fake, because the simulator must
//! be able to stop time, repeat chance and break disks. No other crate may read
//! a clock or draw a random number; `clippy.toml` holds that.

mod clock;
pub mod disk;
mod entropy;

pub use clock::{Clock, ManualClock, SystemClock};
pub use disk::{Disk, DiskFile, MemoryDisk, SystemDisk};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
