"""Reports in other languages than English -> the sign of a symptom.

One list of words for all of them: German, French, Spanish, Portuguese, Italian, Dutch, Russian and Polish. A word that
means something else in another language needs a neighbour of the other kind to count.
"""

# Russian words have letters that look like Latin ones:
# ruff: noqa: RUF001

from __future__ import annotations

import re
from typing import Final

from wizard.diagnosis.model import Sign

_MAIL: Final = re.compile(
    r"mails?\b|mailem|\bwiadomo[sś]|\bmail[aei]\b|\bcorreos?\b|\bcourriels?\b|\bposta\b|\bписьм|\bпочт|メール|邮件|邮箱|郵件"
)
_INVITATION: Final = re.compile(
    r"\beinlad|\bbenachrichtig|\binvit|\bconvi[td]|\bnotific|\bnotifiche|\balert|\balarm|\buitnodig|\bzaprosz"
    r"|\bpowiadom|\bприглаш|\bуведомл|招待|邀请|告警|通知|アラート"
)
"""What GlitchTip's worker sends."""
_DENIAL: Final = re.compile(
    r"nichts?|nie|kein\w{0,2}|niemand|ne|n'|pas|aucune?|jamais|rien|no|nunca|nada|ning[uú]n\w{0,2}|n[aã]o|nenhum\w?"
    r"|non|nessun\w?|mai|niet|geen|nooit|не|ни|никто|перестал\w{0,4}|nikt"
)
_FAULT: Final = ("problem", "fehler", "err", "ошиб", "проблем", "błęd", "fout")
"""How words begin of which a denial is good news."""
_MOVE: Final = re.compile(
    r"ankomm\w*|angekommen|erh[aä]lt\w*|erhielt\w*|(?:be)?kommen|(?:be)?kommt|bekomme|gesendet|sende[nt]|verschick\w*"
    r"|versende[nt]|versandt|zugestellt|empfang\w*|empf[aä]ngt"
    r"|reç\w+|recev\w+|arriv\w+|envoyé?e?[sr]?|envoyez|envoient|envoi|partent|parvien\w+"
    r"|lleg\w+|recib\w+|env[ií][aoeóéá]\w*|mandan?|mandad[ao]s?|cheg\w+|receb\w+"
    r"|ricev\w+|invi(?:a|at[aeio]|ano)|mandat[aeio]|spedit[aeio]|recapit\w+|part(?:ono|it[aei])"
    r"|kom(?:en|t)|aankom\w*|ontvang\w*|verstuur\w*|verzonden|verzend\w*|krijg\w*|gestuurd|bezorgd"
    r"|приход\w+|пришл\w+|прислал\w+|отправл\w+|отсыла\w+|доход\w+|получ\w+|доставл\w+"
    r"|wysy[lł]\w+|wysł\w+|przych\w+|przysz\w+|docier\w+|dochodz\w+|dosta\w+|otrzym\w+"
)
"""Words for sending and arriving."""
_NEIGHBOURS: Final = 6
"""Words between a denial and what it denies: German puts the verb last."""
_UNSPACED: Final = re.compile(
    r"(?:届|来|受信|送).{0,8}(?:ない|なかった|なく|ません)"
    r"|收不到|发不出|送不到|发送失败|(?:没有?|未|不能|无法)(?:收|接收|送|发(?![现生布]))"
)
"""The same in Japanese and Chinese, which have no blanks between words."""
_IN_SPAM: Final = re.compile(
    r"\b(?:im|in den|als|dans les?|en|al|para o|nello|nella|in de|caixa de|carpeta de|pasta de|dossier) "
    r"(?:spams?|junk|spam-?(?:ordner|folder|map)|indésirables|correo no deseado|lixo|posta indesiderata)\b"
    r"|\b(?:do spamu|w spamie|в спам\w{0,2})\b|垃圾(?:邮件|箱)|迷惑メール"
)


def signs(sentence: str) -> list[Sign]:
    """Return the sign of *sentence*, in lower case: no mail is sent or arrives, or it arrives as spam."""
    invites = _INVITATION.search(sentence) is not None
    if not invites and _MAIL.search(sentence) is None:
        return []
    words = [word.strip(',:"()') for word in sentence.replace("'", "' ").split()]
    denials = [
        place
        for place, (word, behind) in enumerate(zip(words, [*words[1:], ""], strict=True))
        if _DENIAL.fullmatch(word) and not behind.startswith(_FAULT)
    ]
    moves = [place for place, word in enumerate(words) if _MOVE.fullmatch(word)]
    denied = any(0 < abs(one - other) <= _NEIGHBOURS for one in denials for other in moves)
    if denied or _UNSPACED.search(sentence) is not None:
        return [Sign("choice-alerts" if invites else "choice-unsent")]
    in_spam = not denials and "没" not in sentence and _IN_SPAM.search(sentence) is not None
    return [Sign("choice-spam")] if in_spam else []
