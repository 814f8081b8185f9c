import email.message
import smtplib
import ssl
import sys

host, port = sys.argv[1].split(":")
print("Content-Type: text/plain\n")
message = email.message.EmailMessage()
message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Grüße"
message.set_content("It works.\n.\nReally.\n")
with smtplib.SMTP(host, int(port), local_hostname="client.test") as server:
    print(server.ehlo()[0], server.has_extn("starttls"), server.has_extn("auth"))
    if len(sys.argv) > 2:
        print(server.starttls(context=ssl.create_default_context(cafile=sys.argv[2])))
        print(server.sock.version(), server.ehlo()[0], server.has_extn("starttls"), server.has_extn("auth"))
        print(*server.login("a", "secret"))
    print(server.send_message(message))
