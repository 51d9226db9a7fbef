"""Assembly of the reader from the settings."""

from worker.formats.detection import SHAPES
from worker.formats.input_settings import InputSettings
from worker.formats.paths import compile_copies, shape_of_paths
from worker.formats.reader import RecordReader
from worker.formats.types import Shape


def new_reader(settings: InputSettings) -> RecordReader:
    """Return the reader of the settings' format.

    Raises:
        SettingError: an expression is not JMESPath, or the Schema Registry cannot be used.

    """
    shape = _shape(settings)
    copied = compile_copies(settings.copy_field)
    if not settings.schema_registry_url:
        return RecordReader(shape, copied)
    from worker.formats.registry import SchemaRegistry

    registry = SchemaRegistry(settings)
    registry.check()
    return RecordReader(shape, copied, registry)


def _shape(settings: InputSettings) -> Shape | None:
    """Return the shape of the settings; None for records that are the text itself."""
    if settings.text_field:
        return shape_of_paths(settings.text_field, settings.id_field)
    return SHAPES.get(settings.input_format)
