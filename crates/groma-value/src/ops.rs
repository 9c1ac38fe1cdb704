//! Operators of the language on values: equality, arithmetic, comparison, logic, indexing.
