"""The certificate as a page to read and to print: one file, no script, nothing loaded.

`frame` joins the parts. The answers come first, in words: `parties`, `outcome_in_words`, `assurance`. `annex` has the
tables. `statement_reader` reads the certificate, `counted_rows` counts each row once, `page_parts` writes HTML.
"""

from lacuna.evidence.certificate_page.frame import certificate_page

__all__ = ["certificate_page"]
