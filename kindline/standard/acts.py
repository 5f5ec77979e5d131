"""The words of a workflow: what can be done to an appeal, by whom, on which conditions; what a letter must have."""

from __future__ import annotations

ACTS = (
    "sort",
    "assign",
    "take",
    "draft",
    "submit",
    "approve",
    "send_back",
    "sign",
    "recall",
    "mark_sent",
    "answer_orally",
    "close",
    "request_data",
    "receive_data",
    "decide_unanswered",
    "forward",
    "tell_forwarding",
    "give_notice",
    "mark_notified",
    "close_silently",
    "join",
    "extend",
    "decide",
    "plan_measure",
    "finish_measure",
    "check_measure",
)
"""What can be done to an appeal; a profile says where, by whom and under which conditions."""
NEEDS = (
    "executor",
    "other_person",
    "complete_letter",
    "decision",
    "told",
    "impartial",
    "competent",
    "measure_of_fault",
    "publication",
)
"""Conditions: an executor; another person than the author; a letter that has all; a complaint decided; the applicant
told; an executor who is not complained of; an executor who answers for the topic, where anybody does; a measure where
a fault is confirmed; a decision on publishing the answer, where the channel asks for one."""
RIGHTS = (
    "correct",
    "set_reason",
    "name_client",
    "analyse_reasons",
    "plan_reason_measure",
    "finish_reason_measure",
    "check_reason_measure",
    "propose_publication",
    "approve_publication",
    "withdraw_publication",
    "enquire",
    "invite_applicant",
    "close_enquiry",
    "lead_stages",
    "disclose",
    "erase_client",
    "lead_logins",
    "warn_security",
    "draft_template",
    "approve_template",
)
"""What may be done beside the states of an appeal; a profile says by whom."""
MASKED = ("name", "phone", "email", "address", "account", "number")
"""Kinds of a person's data that are struck out before an answer is published."""
WAYS_OUT = ("answered", "referred", "ground")
DEMANDS = ("bodies", "explanation", "earlier")
"""What a notice of an end carries: competent bodies, an explanation, the earlier appeal that was answered."""
TOLD = ("answer", "request_data", "tell_forwarding", "extension")
"""What is written to an applicant, beside the notices of ends."""
LETTER_CHECKS = (
    "substance",
    "executor_name",
    "executor_phone",
    "executor_email",
    "words",
    "reasons",
    "rights",
    "order",
    "planned_dates",
)
OCCASIONS = ("always", "grounded", "ungrounded", "measures", "fault")
STAFF_ROLES = (
    "operator",
    "counter",
    "specialist",
    "site_administrator",
    "supervisor",
    "unit_head",
    "director",
    "administrator",
    "security",
)
DOERS = (*STAFF_ROLES, "executor", "system")
SIGNER = "signer"
"""Who signed the answer that is there: a doer of transitions alone."""
