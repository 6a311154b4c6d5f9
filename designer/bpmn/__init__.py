"""Procedures as BPMN 2.0 files, for who owns a modeller, and back: the definition travels whole inside."""

from designer.bpmn.reading import BpmnError, Read, read_bpmn
from designer.bpmn.writing import write_bpmn

__all__ = ["BpmnError", "Read", "read_bpmn", "write_bpmn"]
