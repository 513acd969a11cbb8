"""The errors that a person at the keyboard can do something about: shown as a line, not as a traceback."""

from deploy.census.errors import CensusError
from deploy.cli.lines import UnreadableFileError
from deploy.cli.sending import SendingError
from deploy.local.binaries import ServerNotFoundError
from deploy.local.embedded import StartError
from deploy.local.folder import FolderInUseError
from deploy.local.services import PortTakenError
from deploy.local.up import UsageError

EXPECTED = (
    CensusError,
    FolderInUseError,
    PortTakenError,
    SendingError,
    ServerNotFoundError,
    StartError,
    UnreadableFileError,
    UsageError,
    OSError,
)
