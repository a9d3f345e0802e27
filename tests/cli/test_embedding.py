"""The program with an embedding service, which is a server of the test's own."""

import http.server
import json
import threading
import unittest

from support import ProgramTest


class Service(http.server.BaseHTTPRequestHandler):
    """Answers as OpenAI does, with three numbers a text; or with the status that the server was given."""

    def do_POST(self):
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        vectors = [{"index": i, "embedding": [len(text), text.count("e"), 1]} for i, text in enumerate(texts)]
        body = json.dumps({"data": vectors} if self.server.status == 200 else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class EmbeddingTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        self.server.status = 200
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.environment |= {"COMEM_EMBEDDING": "openai", "COMEM_EMBEDDING_MODEL": "three",
                             "COMEM_EMBEDDING_URL": f"http://127.0.0.1:{self.server.server_port}/v1"}

    def test_commands_used_to_end_before_their_vectors_came(self):
        self.write_lines("in.jsonl", [{"id": str(i), "text": f"memory {i}"} for i in range(200)])
        self.comem("import", "in.jsonl")
        flushed = self.json("flush", "--timeout", "30s")
        self.assertTrue(flushed["embedded"])
        self.assertEqual(flushed["without_vector"], 0)
        self.assertIn("all memories have their vectors", self.comem("flush"))
        self.assertEqual(self.json("stats")["embedding"]["held"], 200)

    def test_doctor_used_to_say_nothing_of_a_service_that_does_not_work(self):
        self.server.status = 401
        self.comem("add", "x")
        [finding] = [one for one in self.json_lines("doctor") if one["subject"] == "embedding"]
        self.assertEqual(finding["severity"], "warning")
        self.assertIn("answered 401", finding["text"])
        self.comem("flush", "--timeout", "1s", code=1)
        self.assert_complains("answered 401")
        self.server.status = 200
        self.comem("flush", "--timeout", "30s")
        [finding] = [one for one in self.json_lines("doctor") if one["subject"] == "embedding"]
        self.assertEqual(finding["severity"], "ok")


if __name__ == "__main__":
    unittest.main()
