"""langfuse: its decorator for generator functions; without keys it traces into nothing."""

from __future__ import annotations

from langfuse import observe

from funcpipe_laws import StreamInstance, Wrapper

INSTANCE = StreamInstance(name="langfuse 5.0.4", wrappers={"observe": Wrapper(observe())})
