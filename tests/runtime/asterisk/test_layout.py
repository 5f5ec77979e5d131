"""The configuration that is written for an engine."""

from __future__ import annotations

from pathlib import Path

from kindline.runtime.asterisk import layout
from kindline.runtime.asterisk.layout import Values
from kindline.runtime.asterisk.tree import Tree

HEARD = {
    "ast_channel_snapshot_type",
    "ast_channel_dial_type",
    "ast_channel_hangup_request_type",
    "ast_channel_dtmf_end_type",
    "ast_channel_entered_bridge_type",
    "ast_channel_left_bridge_type",
    "ast_bridge_snapshot_type",
    "ast_endpoint_snapshot_type",
    "ast_endpoint_state_type",
    "ast_endpoint_contact_state_type",
    "stasis_app_recording_snapshot_type",
    "stasis_app_playback_snapshot_type",
    "stasis_cache_update_type",
    "stasis_cache_clear_type",
    "ast_device_state_message_type",
}
"""The news of which calls and phones are led."""


def test_only_news_that_nobody_hears_is_not_made(tmp_path: Path) -> None:
    ports = {"ari_port": 1, "sip_port": 2, "rtp_start": 3, "rtp_end": 4}
    folders = {"prompts": tmp_path / "prompts", "fallback": tmp_path / "fallback"}
    layout.write(tmp_path / "engine", Tree(tmp_path), Values(name="a", ari_password="x", **ports, **folders))  # type: ignore[arg-type]
    head, *lines = (tmp_path / "engine" / "etc" / "stasis.conf").read_text(encoding="utf-8").splitlines()
    declined = {line.removeprefix("decline = ") for line in lines}
    assert head == "[declined_message_types]"
    assert "ast_channel_varset_type" in declined
    assert not declined & HEARD
