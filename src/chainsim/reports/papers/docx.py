"""A document as .docx, laid out as Chinese offices do (GB/T 9704-2012): red letterhead, centred title, signature at the right.

Equal input gives equal bytes: no clock is read, and the archive's parts bear one fixed date. Texts are texts: nothing in a name
becomes markup or a field.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chainsim.reports.papers.paper import FormPart, Paper, Paragraph, TablePart, day_text

_STAMP = (1980, 1, 1, 0, 0, 0)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_FONTS = {"title": "方正小标宋简体", "head": "黑体", "body": "仿宋", "latin": "Times New Roman"}
_PAGE_MM = (210.0, 297.0)
_MARGINS_MM = {"top": 30.0, "bottom": 28.0, "left": 26.0, "right": 24.0}
_BODY_PT, _TITLE_PT, _HEAD_PT, _TABLE_PT = 14.0, 22.0, 30.0, 10.5
_RED = "C00000"


def docx_bytes(paper: Paper) -> bytes:
    """The document as the bytes of a ``.docx``."""
    import docx

    document = docx.Document()
    _Writing(document, paper).all()
    out = io.BytesIO()
    document.save(out)
    return _dated(out.getvalue())


def _dated(data: bytes) -> bytes:
    """The archive with one date on every part: python-docx takes the clock's."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            made.writestr(zipfile.ZipInfo(name, _STAMP), given.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _clean(text: str) -> str:
    """What XML can hold."""
    return _CONTROL.sub("�", text)


class _Writing:
    """One document as it is written."""

    def __init__(self, document: Any, paper: Paper) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        self.document, self.paper = document, paper
        self.section = section = document.sections[0]
        width, height = _PAGE_MM[::-1] if paper.landscape else _PAGE_MM
        section.orientation = WD_ORIENT.LANDSCAPE if paper.landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)
        for side, value in _MARGINS_MM.items():
            setattr(section, f"{side}_margin", Mm(value))
        self.width_mm = width - _MARGINS_MM["left"] - _MARGINS_MM["right"]
        properties = document.core_properties
        properties.title, properties.author = _clean(paper.title), _clean(paper.issuer) or "chainsim"
        properties.created = properties.modified = datetime(paper.on.year, paper.on.month, paper.on.day)
        properties.last_modified_by, properties.comments, properties.revision = "", "", 1
        style = document.styles["Normal"]
        style.font.size = None
        self._font(style.element.get_or_add_rPr(), "body", _BODY_PT)

    def all(self) -> None:
        """Letterhead, number, title, recipients, parts, signature, copies, page numbers."""
        paper = self.paper
        if paper.issuer and paper.signed:
            self._letterhead()
        elif paper.number:
            self._paragraph(paper.number, "right", size=_TABLE_PT)
        if paper.mark:
            self._paragraph(paper.mark, "right", size=_TABLE_PT, colour=_RED, font="head")
        self._paragraph(paper.title, "center", size=_TITLE_PT, font="title", before=14, after=14, bold=True)
        if paper.recipients:
            self._paragraph(paper.recipients, "left")
        for part in paper.parts:
            match part:
                case Paragraph():
                    self._text(part)
                case TablePart():
                    self._table(part)
                case FormPart():
                    self._form(part)
        self._close()
        self._page_numbers()

    def _letterhead(self) -> None:
        paper = self.paper
        self._paragraph(paper.issuer, "center", size=_HEAD_PT, font="title", colour=_RED, after=10, bold=True)
        line = self._paragraph(paper.number, "center", after=4)
        self._rule(line, _RED, 18)

    def _text(self, part: Paragraph) -> None:
        match part.style:
            case "heading":
                self._paragraph(part.text, "left", font="head", indent=2, before=6, keep=True)
            case "note":
                self._paragraph(part.text, "left", size=_TABLE_PT, before=2)
            case "plain":
                self._paragraph(part.text, "left")
            case _:
                self._paragraph(part.text, "left", indent=2)

    def _table(self, part: TablePart) -> None:
        from docx.enum.table import WD_TABLE_ALIGNMENT

        if part.caption:
            self._paragraph(part.caption, "center", size=_TABLE_PT + 1, font="head", before=8, after=2, keep=True)
        count = len(part.headings)
        rows = [part.headings, *part.rows, *([part.total] if part.total else [])]
        table = self.document.add_table(rows=len(rows), cols=count)
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        shares = part.widths or [1.0] * count
        self._columns(table, [self.width_mm * share / sum(shares) for share in shares])
        for number, row in enumerate(rows):
            head, total = number == 0, bool(part.total) and number == len(rows) - 1
            for index, text in enumerate(row):
                cell = table.cell(number, index)
                align = "center" if head else part.aligns[index] if part.aligns else "left"
                self._fill(cell, text, align, font="head" if head or total else "body")
            self._row(table.rows[number], repeat=head)
        self._paragraph("", "left", size=4)

    def _form(self, part: FormPart) -> None:
        table = self.document.add_table(rows=len(part.rows), cols=part.columns)
        table.style, table.autofit = "Table Grid", False
        self._columns(table, [self.width_mm / part.columns] * part.columns)
        for number, boxes in enumerate(part.rows):
            at = 0
            for box in boxes:
                cell = table.cell(number, at)
                if box.span > 1:
                    cell = cell.merge(table.cell(number, at + box.span - 1))
                self._fill(cell, box.text, "center" if box.label else "left", font="head" if box.label else "body")
                at += box.span
            assert at == part.columns
            self._row(table.rows[number], repeat=False, lines=max(box.lines for box in boxes))
        self._paragraph("", "left", size=4)

    def _close(self) -> None:
        paper = self.paper
        if paper.approvals:
            blank = "＿＿＿＿＿＿" if paper.lang == "zh" else "____________"
            colon = "：" if paper.lang == "zh" else ": "
            lines = "　　".join(f"{name}{colon}{blank}" for name in paper.approvals)
            self._paragraph(lines, "left", size=12, before=16, keep=True)
        if paper.signed:
            if paper.issuer:
                self._paragraph(paper.issuer, "right", before=22, right=4, keep=True)
            before = 0 if paper.issuer else 22
            self._paragraph(day_text(paper.on, paper.lang), "right", right=4, before=before, keep=bool(paper.copies))
        if paper.copies:
            last = self._paragraph(paper.copies, "left", size=12, before=18)
            self._rule(last, "000000", 6, top=True)

    def _page_numbers(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        paragraph = self.section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for kind, text in (("", "— "), ("begin", ""), ("instr", " PAGE "), ("end", ""), ("", " —")):
            run = paragraph.add_run(text if not kind else "")
            self._font(run._element.get_or_add_rPr(), "body", _TABLE_PT)
            if kind == "instr":
                field = OxmlElement("w:instrText")
                field.set(qn("xml:space"), "preserve")
                field.text = text
                run._element.append(field)
            elif kind:
                field = OxmlElement("w:fldChar")
                field.set(qn("w:fldCharType"), kind)
                run._element.append(field)

    def _paragraph(
        self,
        text: str,
        align: str,
        *,
        size: float = _BODY_PT,
        font: str = "body",
        colour: str = "",
        bold: bool = False,
        before: float = 0.0,
        after: float = 0.0,
        indent: int = 0,
        right: int = 0,
        keep: bool = False,
    ) -> Any:
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        paragraph.alignment = _aligned(align)
        layout = paragraph.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        layout.line_spacing = 1.25 if size <= _BODY_PT else 1.1
        layout.first_line_indent = Pt(size * indent) if indent else None
        layout.right_indent = Pt(size * right) if right else None
        layout.keep_with_next = keep or None
        self._run(paragraph, text, size, font, colour, bold=bold)
        return paragraph

    def _run(self, paragraph: Any, text: str, size: float, font: str, colour: str = "", *, bold: bool = False) -> None:
        from docx.shared import RGBColor

        run = paragraph.add_run()
        for number, line in enumerate(_clean(text).split("\n")):
            if number:
                run.add_break()
            run.add_text(line)
        run.bold = bold or None
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)
        self._font(run._element.get_or_add_rPr(), font, size)

    def _font(self, properties: Any, font: str, size: float) -> None:
        from docx.oxml.ns import qn

        fonts = properties.get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), _FONTS[font])
        for script in ("w:ascii", "w:hAnsi", "w:cs"):
            fonts.set(qn(script), _FONTS["latin"])
        half_points = properties._add_sz() if properties.sz is None else properties.sz
        half_points.set(qn("w:val"), str(round(size * 2)))

    def _fill(self, cell: Any, text: str, align: str, *, font: str) -> None:
        from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
        from docx.shared import Pt

        paragraph = cell.paragraphs[0]
        paragraph.alignment = _aligned(align)
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        self._run(paragraph, text, _TABLE_PT, font)

    def _columns(self, table: Any, widths_mm: Sequence[float]) -> None:
        """Widths of the grid and of its cells: programs differ in which they look at."""
        from docx.shared import Mm

        for column, width in zip(table.columns, widths_mm, strict=True):
            column.width = Mm(width)
        for row in table.rows:
            for cell, width in zip(row.cells, widths_mm, strict=True):
                cell.width = Mm(width)

    def _row(self, row: Any, *, repeat: bool, lines: int = 1) -> None:
        from docx.oxml import OxmlElement
        from docx.shared import Pt

        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if repeat:
            properties.append(OxmlElement("w:tblHeader"))
        if lines > 1:
            row.height = Pt(_TABLE_PT * 1.6 * lines)

    def _rule(self, paragraph: Any, colour: str, eighths: int, *, top: bool = False) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        borders = OxmlElement("w:pBdr")
        line = OxmlElement("w:top" if top else "w:bottom")
        for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
        paragraph._p.get_or_add_pPr().append(borders)


def _aligned(align: str) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}[
        align
    ]
