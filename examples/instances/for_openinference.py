"""openinference: the decorators of its tracer, which is one of OpenTelemetry's."""

from __future__ import annotations

from openinference.instrumentation import OITracer, TraceConfig
from opentelemetry.sdk.trace import TracerProvider

from funcpipe_laws import StreamInstance, Wrapper

TRACER = OITracer(TracerProvider().get_tracer("laws"), config=TraceConfig())

INSTANCE = StreamInstance(
    name="openinference-instrumentation 0.1.72",
    wrappers={"chain": Wrapper(TRACER.chain), "llm": Wrapper(TRACER.llm)},
)
