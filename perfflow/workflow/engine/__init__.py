"""Running token states: graphs, tokens, state codec, expressions, steps."""
