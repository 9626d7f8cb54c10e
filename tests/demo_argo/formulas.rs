//! The published arithmetic, written again from its words, against the controllers' own.
