//! The template language: compile once, render many.
