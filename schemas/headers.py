"""Models of a record's headers: each field is a header, its value UTF-8 text."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

Headers = list[tuple[str, bytes]]


class HeaderModel(BaseModel):
    """Base of the header models; a field's alias is the header's name."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def headers(self, original: Iterable[tuple[str, bytes | None]] = ()) -> Headers:
        """Return the record's headers followed by those of this model, which replace any of the same names."""
        ours = self.model_dump(by_alias=True, mode="json")
        return self.stripped(original) + [(name, str(value).encode()) for name, value in ours.items()]

    @classmethod
    def stripped(cls, headers: Iterable[tuple[str, bytes | None]]) -> Headers:
        """Return the headers without those of this model; a null value becomes an empty one."""
        names = {info.alias for info in cls.model_fields.values()}
        return [(name, value or b"") for name, value in headers if name not in names]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes | None]]) -> Self:
        """Read the headers of a consumed record; the last one of a name counts.

        Raises:
            pydantic.ValidationError: a header is missing or its value is not of its type.

        """
        return cls.model_validate({name: (value or b"").decode(errors="replace") for name, value in headers})
