"""Which language a message speaks: that of the person or of the channel that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.delivery.message_sender import MessageSender
from bot.i18n.speech import Speech
from bot.records import Incident
from bot.slack.directory import FAULTS, Directory

if TYPE_CHECKING:
    from bot.config.settings import Settings


class ReaderLanguage:
    def __init__(self, sender: MessageSender, directory: Directory, settings: Settings) -> None:
        self._sender, self._directory, self._settings = sender, directory, settings

    def speech(self, channel: str, incident: Incident) -> Speech:
        """A person's own language in a direct conversation, else the topic's in its channel, else the channel's."""
        person = self._sender.reader(channel)
        if person:
            return self._in(self._directory.language(person))
        if channel == self._topic_channel(incident):
            return self._in(incident.speak)
        return self._in(self._settings.channel_language(channel))

    def _in(self, language: str) -> Speech:
        """What is written out is in the team's time zone: one message has many readers."""
        return Speech(language, zone=self._settings.zone)

    def _topic_channel(self, incident: Incident) -> str:
        try:
            return self._sender.conversation(self._settings.channel_id(incident.channel))
        except FAULTS:
            return incident.channel
