"""Printed documents: a Typst template and its data become a PDF, with a font that has Chinese."""

from perfflow.documents.typesetting import NotAvailable, typeset

__all__ = ["NotAvailable", "typeset"]
