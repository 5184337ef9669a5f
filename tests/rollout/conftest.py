"""The comparison of all places needs GlitchTip in containers, as the container check's tests have them."""

from tests.checks.container.conftest import postal, scene, scene_of

__all__ = ["postal", "scene", "scene_of"]
