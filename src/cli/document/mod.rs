//! From answers to the document of the contract: one file an answer.

pub(super) mod words;
