//! The condition language: parse, check, print, evaluate.
