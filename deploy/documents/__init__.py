"""The documents that follow from the code: one module a document, each a function that returns its text."""
