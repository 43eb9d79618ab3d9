# SPDX-License-Identifier: Apache-2.0
"""An invoice as PDF (ReportLab): of an order that is posted, or of those that come in a queue."""

import base64
import io
import json

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from xml.sax.saxutils import escape

STYLES = getSampleStyleSheet()


def invoice(order):
    rows = [["Item", "Count", "Price"]] + [[Paragraph(escape(row["item"]), STYLES["Normal"]), str(row["count"]), f"{row['price']:.2f}"] for row in order["rows"]]
    rows.append(["", "Sum", f"{sum(row['count'] * row['price'] for row in order['rows']):.2f}"])
    table = Table(rows, colWidths=[110 * mm, 20 * mm, 30 * mm], repeatRows=1)
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.3, "grey"), ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")]))
    story = [Paragraph(f"Invoice {escape(order['number'])}", STYLES["Title"]), Paragraph(escape(order["customer"]), STYLES["Normal"]), Spacer(1, 5 * mm), table]
    if order.get("note"):
        story += [Spacer(1, 5 * mm), Paragraph(escape(order["note"]), STYLES["Italic"])]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=LETTER if order.get("paper") == "letter" else A4, title=order["number"]).build(story)
    return out.getvalue()


def handler(event, context):
    if "Records" in event:
        paths = []
        for record in event["Records"]:
            path = f"/tmp/{record['messageId']}.pdf"
            with open(path, "wb") as out:
                out.write(invoice(json.loads(record["body"])))
            paths.append(path)
        return {"made": len(paths)}
    try:
        data = invoice(json.loads(event["body"]))
    except (KeyError, TypeError, ValueError) as error:
        return {"statusCode": 400, "body": json.dumps({"message": f"no order: {error}"})}
    return {"statusCode": 200, "headers": {"Content-Type": "application/pdf"}, "isBase64Encoded": True, "body": base64.b64encode(data).decode()}
