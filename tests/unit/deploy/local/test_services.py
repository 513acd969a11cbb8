"""What each service is told."""

import socket
from pathlib import Path

import pytest

from deploy.local.services import PortTakenError, Wiring, check_ports, inherited

WIRING = Wiring("postgresql://db", "redis://bus", port_base=9000)


def test_the_ports_follow_the_base_in_the_order_of_the_services():
    assert [WIRING.port(name) for name in ("referrals", "workforce", "metrics")] == [9001, 9002, 9003]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9003"),
        ("0.0.0.0", "http://127.0.0.1:9003"),  # noqa: S104 - a name, not a socket
        ("::", "http://[::1]:9003"),
        ("daymark.example", "http://daymark.example:9003"),
    ],
)
def test_a_url_names_an_address_that_can_be_reached_from_here(host, url):
    assert Wiring("", "", host=host, port_base=9000).url("metrics") == url


def test_a_service_is_told_only_what_was_set():
    told = Wiring("postgresql://db", "redis://bus", dev_key="k", policy=Path("/p.toml")).environment("workforce")
    assert told == {
        "DAYMARK_DATABASE_URL": "postgresql://db",
        "DAYMARK_REDIS_URL": "redis://bus",
        "DAYMARK_HOST": "127.0.0.1",
        "DAYMARK_PORT": "8102",
        "DAYMARK_DEV_KEY": "k",
        "DAYMARK_POLICY": "/p.toml",
    }


def test_settings_of_the_caller_do_not_leak_into_a_service():
    environment = {"PATH": "/bin", "DATABASE_URL": "x", "DAYMARK_CLOCK": "y", "DAYMARK_LOG_LEVEL": "DEBUG"}
    assert inherited(environment) == {"PATH": "/bin", "DAYMARK_LOG_LEVEL": "DEBUG"}


def test_a_port_that_is_taken_is_named():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} of 127.0.0.1, for workforce, is taken"):
            check_ports(Wiring("", "", port_base=port - 2))
