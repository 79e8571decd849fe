"""How radiographs come under their cases, whichever way they come in.

Read, prepare, store: `read` decides and may refuse, `prepare` keeps the pixels, and
`store` writes the rows.
"""

from dataclasses import dataclass
from pathlib import PurePath

from readerstudy.cases import imports
from readerstudy.cases.codes import PSEUDONYMISED
from readerstudy.cases.imports import Outcome, Prepared
from readerstudy.cases.names import composed, shown, stem_of
from readerstudy.cases.radiograph import RadiographFile, sha256
from readerstudy.cases.reading import read_apart, read_picture_apart

_PICTURES_BEGIN = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True)
class Manner:
    """What holds for every file of one import.

    code_from        where a case's code comes from; the last two are pseudonymised
    takes_burned_in  take files that say that text is burned into their pixels
    takes_pictures   take PNG and JPEG too
    """

    collection: str
    code_from: str = "stem"
    takes_burned_in: bool = False
    takes_pictures: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether codes are pseudonyms: a file's name could give away who it is."""
        return self.code_from in PSEUDONYMISED

    @property
    def one_per_case(self) -> bool:
        """Whether a second file of a code is an error, not a second view."""
        return self.code_from == "stem"

    def read(self, path: PurePath, content: bytes) -> tuple[str, RadiographFile] | None:
        """Code and radiograph of a file, or None: it is there already. May refuse."""
        if imports.is_there(self.collection, sha256(content)):
            return None
        radiograph = self._radiograph(content)
        code = self._code(path, radiograph)
        imports.refuse_code(
            self.collection,
            code,
            radiograph.source_sha256,
            one_per_case=self.one_per_case,
        )
        return code, radiograph

    def prepare(
        self, path: PurePath, radiograph: RadiographFile, content: bytes | None = None
    ) -> Prepared:
        """Keep a radiograph's pixels, so that only its row is missing.

        content   the file as it came, for a site that keeps originals
        """
        kept = radiograph.source_sha256[:12] if self.is_secret else shown(path.name)
        return imports.prepare(kept, radiograph, content)

    def store(self, code: str, radiograph: Prepared) -> Outcome:
        """Store one radiograph. Raises Refused."""
        return imports.store_radiograph(
            collection=self.collection,
            code=code,
            radiograph=radiograph,
            one_per_case=self.one_per_case,
        )

    def _radiograph(self, content: bytes) -> RadiographFile:
        if self.takes_pictures and is_picture(content) and not self.is_secret:
            return read_picture_apart(content)
        return read_apart(
            content,
            code_element=self.code_from if self.is_secret else "",
            pseudonym=imports.pseudonymiser(self.collection),
            takes_burned_in=self.takes_burned_in,
        )

    def _code(self, path: PurePath, radiograph: RadiographFile) -> str:
        if radiograph.code is not None:
            return radiograph.code
        return composed(stem_of(path.parent if self.code_from == "parent" else path))


def is_picture(content: bytes) -> bool:
    """Whether some bytes begin as PNG or JPEG do."""
    return content.startswith(_PICTURES_BEGIN)
