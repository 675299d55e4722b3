"""How the page looks: on a screen, light and dark, narrow and wide, and on A4."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--page:#fff;--card:#f6f8fa;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--page:#0f1216;--card:#171b21;--text:#e6e9ee;--soft:#a3adba;
--line:#343b45;--link:#79b8ff}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:52rem;margin:0 auto;
padding:1.5rem 1rem 3rem;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.25;margin:0}header p{margin:.2rem 0 1rem}
h2{font-size:1.15rem;margin:1.6rem 0 .4rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}ul{margin:.4rem 0;padding-left:1.2rem}li{margin:.25rem 0}
.says{border-left:4px solid var(--link);background:var(--card);padding:.5rem .9rem}.says p{margin:.2rem 0}
dl{margin:0}dl div{display:grid;grid-template-columns:13rem 1fr;gap:0 1rem;padding:.25rem 0;
border-bottom:1px solid var(--line)}
dt{color:var(--soft);font-weight:600}dd{margin:0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;overflow-wrap:normal}
.n{text-align:right;font-variant-numeric:tabular-nums}
.place{min-width:15rem}
.annex>h2{font-size:1.35rem}.annex{border-top:2px solid var(--line);margin-top:2.5rem}.annex table{font-size:13px}
code{font:.87em/1.4 ui-monospace,monospace}
@media screen and (max-width:40rem){dl div{grid-template-columns:1fr}
thead{position:absolute;left:-100rem}table,tbody,tr,td{display:block}.place{min-width:0}tr{padding:.4rem 0;border-bottom:1px solid var(--line)}
td,td.n{border:0;padding:0;text-align:left}td:not(:empty)::before{content:attr(data-head) ": ";color:var(--soft)}}
@page{size:A4;margin:14mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:9pt system-ui,sans-serif}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--link:#0b57a4}
body{padding:0;max-width:none;font-size:9.2pt;line-height:1.32}h1{font-size:16pt}h2{font-size:11pt;margin:.8em 0 .2em}
header p{margin:0 0 .5em}p,ul{margin:.2em 0}li{margin:.1em 0}.says{padding:.2rem .7rem}
dl div{padding:.08rem 0;grid-template-columns:10rem 1fr}
li ul,li ul li{display:inline;padding:0}li ul li:not(:last-child)::after{content:"; "}
h3{font-size:10pt;margin:.9em 0 .2em}h2,h3{break-after:avoid}tr,li,dl div,.says{break-inside:avoid}
.annex{break-before:page;border:0;margin:0}.annex>h2{font-size:14pt}.place{min-width:17em}.annex table{font-size:8pt}th,td{padding:.08rem .5rem .08rem 0}thead{display:table-header-group}}
"""
"""The style sheet, which stands in the page."""
