//! The only doors to the outside: clock, chance, disk; each with a fake.
