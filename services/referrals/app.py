"""The referrals service, put together: ``build`` is the one constructor."""

from contextlib import AbstractAsyncContextManager

from shared.runtime.producer import Producer, build_producer
from shared.runtime.settings import Settings

SERVICE = "referrals"


def build(settings: Settings) -> AbstractAsyncContextManager[Producer]:
    """Everything that the service consists of, to be run inside the context."""
    return build_producer(SERVICE, settings)
