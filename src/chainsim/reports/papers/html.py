"""A document as one HTML page ready to print on A4: the same layout as the .docx, nothing fetched from elsewhere."""

from __future__ import annotations

from html import escape

from chainsim.reports.papers.paper import FormPart, Paper, Paragraph, Part, TablePart, day_text

_SONG = '"FZXiaoBiaoSong-B05S", "STZhongsong", "SimSun", "Noto Serif CJK SC", serif'
_STYLE = """
@page { size: A4 %(orientation)s; margin: 30mm 24mm 28mm 26mm; }
* { box-sizing: border-box; }
body { font: 14pt/1.6 "Times New Roman", "FangSong", "STFangsong", "仿宋", "Noto Serif CJK SC", serif; color: #000;
  margin: 0 auto; max-width: %(width)s; }
h1 { font: bold 22pt/1.4 %(song)s; text-align: center; margin: 16pt 0; }
h2, th, .label, .total td, caption { font-family: "SimHei", "STHeiti", "Noto Sans CJK SC", sans-serif; font-weight: normal; }
h2 { font-size: 14pt; margin: 8pt 0 0; text-indent: 2em; break-after: avoid; }
p { margin: 0; } .body { text-indent: 2em; } .note, .mark, .no { font-size: 10.5pt; }
.issuer { color: #c00000; font: bold 30pt/1.4 %(song)s; text-align: center; }
.number { text-align: center; border-bottom: 2.25pt solid #c00000; padding-bottom: 6pt; min-height: 1.6em; }
.mark { color: #c00000; text-align: right; } .no { text-align: right; }
table { border-collapse: collapse; width: 100%%; font-size: 10.5pt; line-height: 1.35; margin: 4pt 0 10pt;
  table-layout: fixed; }
caption { margin-top: 8pt; font-size: 11.5pt; break-after: avoid; }
th, td { border: 0.75pt solid #000; padding: 3pt 4pt; overflow-wrap: anywhere; } thead { display: table-header-group; }
tr { break-inside: avoid; } .left { text-align: left; } .center, .label { text-align: center; } .right { text-align: right; }
.approvals { margin-top: 18pt; font-size: 12pt; } .approvals span { margin-right: 2em; white-space: nowrap; }
.signature { margin-top: 24pt; padding-right: 4em; text-align: right; break-inside: avoid; }
.copies { break-before: avoid; margin-top: 20pt; border-top: 0.75pt solid #000; padding-top: 4pt; font-size: 12pt; }
@media screen { body { padding: 24pt; } }
"""


def html_text(paper: Paper) -> str:
    """The document as an HTML page."""
    orientation, width = ("landscape", "247mm") if paper.landscape else ("portrait", "160mm")
    lang = "zh-CN" if paper.lang == "zh" else "en"
    body: list[str] = []
    if paper.issuer and paper.signed:
        body.append(f'<p class="issuer">{_text(paper.issuer)}</p>\n<p class="number">{_text(paper.number)}</p>')
    elif paper.number:
        body.append(f'<p class="no">{_text(paper.number)}</p>')
    if paper.mark:
        body.append(f'<p class="mark">{_text(paper.mark)}</p>')
    body.append(f"<h1>{_text(paper.title)}</h1>")
    if paper.recipients:
        body.append(f"<p>{_text(paper.recipients)}</p>")
    body += [_part(part) for part in paper.parts]
    body += _close(paper)
    style = _STYLE % {"orientation": orientation, "width": width, "song": _SONG}
    head = f'<meta charset="utf-8">\n<title>{_text(paper.title)}</title>\n<style>{style}</style>'
    joined = "\n".join(body)
    return f'<!doctype html>\n<html lang="{lang}">\n<head>\n{head}\n</head>\n<body>\n{joined}\n</body>\n</html>\n'


def _part(part: Part) -> str:
    match part:
        case Paragraph():
            tag = "h2" if part.style == "heading" else "p"
            return f'<{tag} class="{part.style}">{_text(part.text)}</{tag}>'
        case TablePart():
            return _table(part)
        case FormPart():
            return _form(part)


def _table(part: TablePart) -> str:
    shares = part.widths or [1.0] * len(part.headings)
    columns = "".join(f'<col style="width: {share / sum(shares):.1%}">' for share in shares)
    caption = f"<caption>{_text(part.caption)}</caption>" if part.caption else ""
    head = "".join(f"<th>{_text(heading)}</th>" for heading in part.headings)
    aligns = part.aligns or ["left"] * len(part.headings)

    def row(cells: object, kind: str = "") -> str:
        inner = "".join(f'<td class="{align}">{_text(cell)}</td>' for cell, align in zip(cells, aligns, strict=True))  # type: ignore[call-overload]
        return f"<tr{kind}>{inner}</tr>"

    rows = [row(cells) for cells in part.rows]
    if part.total:
        rows.append(row(part.total, ' class="total"'))
    joined = "\n".join(rows)
    return f"<table>{caption}<colgroup>{columns}</colgroup>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{joined}\n</tbody></table>"


def _form(part: FormPart) -> str:
    rows = []
    for boxes in part.rows:
        height = max(box.lines for box in boxes)
        look = f'style="height: {height * 1.6:.1f}em"'
        cells = "".join(
            f'<td{" class=label" if box.label else ""} colspan="{box.span}" {look}>{_text(box.text)}</td>'
            for box in boxes
        )
        rows.append(f"<tr>{cells}</tr>")
    joined = "\n".join(rows)
    return f"<table><tbody>\n{joined}\n</tbody></table>"


def _close(paper: Paper) -> list[str]:
    out = []
    if paper.approvals:
        colon = "：" if paper.lang == "zh" else ": "
        spans = "".join(f"<span>{_text(name)}{colon}____________</span>" for name in paper.approvals)
        out.append(f'<p class="approvals">{spans}</p>')
    if paper.signed:
        issuer = f"{_text(paper.issuer)}<br>" if paper.issuer else ""
        out.append(f'<p class="signature">{issuer}{_text(day_text(paper.on, paper.lang))}</p>')
    if paper.copies:
        out.append(f'<p class="copies">{_text(paper.copies)}</p>')
    return out


def _text(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))
