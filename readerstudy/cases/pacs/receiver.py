"""A C-STORE service: modalities and PACS send radiographs here (PS3.4, annex B).

What one association brings becomes one delivery, which is sealed when the association
has ended. A file is acknowledged once its bytes are on disk and its row is stored;
what is wrong with it is found by the worker and told on the delivery's page.
"""

import hashlib
import logging
import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import EventHandlerType
from pynetdicom.transport import AssociationSocket

from readerstudy.cases.intake import services as intake
from readerstudy.cases.intake import staging
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.radiograph import MAXIMUM_FILE_BYTES

logger = logging.getLogger(__name__)

VERIFICATION = UID("1.2.840.10008.1.1")
STORAGES = (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
)
SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    *JPEGTransferSyntaxes,
    *JPEGLSTransferSyntaxes,
    *JPEG2000TransferSyntaxes,
    RLELossless,
)
# PS3.7, C.4: the sender may try again later, or should not send this again.
TAKEN, NO_ROOM, TOO_LARGE = 0x0000, 0xA700, 0xC000
PDU_BYTES = 256 * 1024
# No sender needs a longer one, and it is read into memory before anything is known.
_LONGEST_PDU_BYTES = 1024**2
_ASSOCIATIONS = 8
_HANGS_UP_SECONDS = 2


@dataclass(frozen=True)
class Reception:
    """Who may send, and where to.

    allowed  calling AE titles; empty for anybody
    """

    host: str
    port: int
    ae_title: str
    allowed: tuple[str, ...]
    collection: str
    code_from: str
    take_burned_in: bool

    @property
    def place(self) -> str:
        """What tells this receiver from others, also on another machine."""
        return f"{self.ae_title}:{self.port}"


class _BoundedSocket(AssociationSocket):
    """A line to a sender that reads no PDU of more than a certain length."""

    def recv(self, nr_bytes: int) -> bytearray:
        if nr_bytes > _LONGEST_PDU_BYTES:
            raise OSError("The sender's PDU is too long.")
        return super().recv(nr_bytes)


class Receiver:
    """Listens from `start` to `stop`; `seal_what_ended` is called now and then."""

    def __init__(self, reception: Reception) -> None:
        self.reception = reception
        self._ae = AE(reception.ae_title)
        self._ae.require_called_aet = True
        self._ae.require_calling_aet = list(reception.allowed)
        self._ae.maximum_pdu_size = PDU_BYTES
        self._ae.maximum_associations = _ASSOCIATIONS
        self._ae.add_supported_context(VERIFICATION)
        for storage in STORAGES:
            self._ae.add_supported_context(storage, list(SYNTAXES))
        self._deliveries: dict[Association, Delivery] = {}
        self._unfinished: WeakKeyDictionary[Association, int] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def start(self) -> int:
        """Listen; returns the port. Raises OSError where it can't be had."""
        self._seal_of_a_former_life()
        handlers: list[EventHandlerType] = [
            (evt.EVT_CONN_OPEN, self._bound_pdus),
            (evt.EVT_PDU_RECV, self._bound_message),
            (evt.EVT_DIMSE_RECV, self._forget_size),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_REJECTED, self._told_rejected),
        ]
        server: Any = self._ae.start_server(
            (self.reception.host, self.reception.port),
            block=False,
            evt_handlers=handlers,
        )
        port: int = server.server_address[1]
        return port

    def stop(self) -> None:
        """Break off what is being sent, so that it is sent again, and seal the rest."""
        # Whoever was refused hangs up; to break that off as well is no step of DICOM's.
        refused = [each for each in self._ae.active_associations if each.is_rejected]
        for association in refused:
            association.join(_HANGS_UP_SECONDS)
        self._ae.shutdown()
        for association in list(self._deliveries):
            association.join(10)
        self.seal_what_ended()

    def seal_what_ended(self) -> None:
        """Seal the deliveries of associations that are over; a worker takes them in.

        Where the database is away they are sealed the next time.
        """
        for association, delivery in list(self._deliveries.items()):
            if association.is_alive():
                continue
            try:
                _seal(delivery)
            except DatabaseError:
                logger.warning("a delivery waits to be sealed: is the database away?")
                connection.close()
                return
            del self._deliveries[association]

    def _seal_of_a_former_life(self) -> None:
        """What a killed receiver had acknowledged waits in deliveries that are open."""
        left = Delivery.objects.held().filter(
            origin=Delivery.Origin.C_STORE, options__receiver=self.reception.place
        )
        for delivery in left:
            _seal(delivery)

    def _store(self, event: evt.Event) -> int:
        """Keep one file; the answer is the status that the sender gets."""
        content = event.encoded_dataset()
        if len(content) > MAXIMUM_FILE_BYTES:
            return TOO_LARGE
        try:
            self._keep(event.assoc, content)
        except (ValidationError, DatabaseError, OSError) as problem:
            # The sender keeps it and sends it again.
            logger.warning("a radiograph could not be kept: %s", problem)
            return NO_ROOM
        finally:
            # This thread ends with the association; its connection would stay open.
            connection.close()
        return TAKEN

    def _keep(self, association: Association, content: bytes) -> None:
        # Before a delivery is opened that would stay empty.
        staging.refuse_full(len(content))
        delivery = self._delivery_of(association)
        # No name from the sender: its UIDs and numbers may lead to a person.
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.dcm"
        announced = Announced(name=name, size=len(content))
        [row] = intake.announce(delivery=delivery, files=[announced])
        intake.receive(file=row, offset=0, content=content)

    def _delivery_of(self, association: Association) -> Delivery:
        """The delivery of an association, opened with its first file."""
        with self._lock:
            if association not in self._deliveries:
                self._deliveries[association] = intake.open_delivery(
                    collection=self.reception.collection,
                    origin=Delivery.Origin.C_STORE,
                    layout=Delivery.Layout.RADIOGRAPHS,
                    options={
                        "receiver": self.reception.place,
                        "sender": str(association.requestor.ae_title),
                        "code_from": self.reception.code_from,
                        "take_burned_in": self.reception.take_burned_in,
                    },
                    actor=None,
                )
            return self._deliveries[association]

    def _bound_pdus(self, event: evt.Event) -> None:
        """A PDU is read whole, however long it says that it is: let none say much."""
        line = event.assoc.dul.socket
        if line is not None:
            line.__class__ = _BoundedSocket

    def _bound_message(self, event: evt.Event) -> None:
        """Break off a sender whose message, of many PDUs, is longer than any file."""
        sizes = self._unfinished
        sizes[event.assoc] = sizes.get(event.assoc, 0) + len(event.pdu)
        if sizes[event.assoc] > MAXIMUM_FILE_BYTES + _LONGEST_PDU_BYTES:
            logger.warning("a sender was broken off: its file is too large")
            event.assoc.abort(block=False)

    def _forget_size(self, event: evt.Event) -> None:
        self._unfinished.pop(event.assoc, None)

    def _told_rejected(self, event: evt.Event) -> None:
        sender = event.assoc.requestor.ae_title
        logger.warning("an association from %r was rejected", sender)


def _seal(delivery: Delivery) -> None:
    """Hand a delivery to the workers, without what did not come whole."""
    try:
        intake.seal(delivery=delivery, actor=None, without_missing=True)
    except ValidationError as nothing:
        # Nothing came whole, so nothing was acknowledged, or it was cancelled.
        logger.warning("delivery %s: %s", delivery.pk, " ".join(nothing.messages))
        intake.cancel(delivery=delivery, actor=None)
