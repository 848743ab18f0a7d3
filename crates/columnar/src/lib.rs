//! Parts: rows to columns to files to scans. Knows ordinals and columns, nothing of marketing.
