"""What a problem of customer service says: templates in the shape of ``chainsim.model.messages``."""

from __future__ import annotations

SERVICE_TEMPLATES: dict[str, tuple[str, str, str, str]] = {
    "service_row_twice": ("the same record is stated twice", "同一记录写了两次", "one row", "一行"),
    "before_its_beginning": (
        "this lies before {first} ({day})",
        "早于 {first_zh}（{day}）",
        "{day} or later",
        "{day} 或以后",
    ),
    "report_without_visit": (
        "a report on a visit that was not made",
        "走访尚未进行，却有报告",
        "the day of the visit in visited, or no report",
        "在 visited 写明走访日期，或不写报告日期",
    ),
    "closed_without_answer": (
        "a complaint is closed only with an answer and a result: {missing} is missing",
        "意见须有答复、有结果方可办结：缺少 {missing}",
        "answered and result, or no closed",
        "写明 answered 和 result，或不写 closed",
    ),
    "score_out_of_range": ("a score is between 0 and 100", "得分在 0 与 100 之间", "0 … 100", "0 … 100"),
    "attribute_not_a_number": (
        "this attribute of the archive is a plain number above 0",
        "档案的这一项为大于 0 的普通数字",
        "a plain number such as {example}",
        "普通数字，如 {example}",
    ),
    "attribute_not_a_choice": (
        "this attribute of the archive is none of its choices",
        "档案的这一项不在可选值之内",
        "{choices}",
        "{choices_zh}",
    ),
}
