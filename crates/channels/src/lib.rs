//! One file for each provider, and the one driver they share.
