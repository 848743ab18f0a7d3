//! Questions over columns: RFM, trend, count.
