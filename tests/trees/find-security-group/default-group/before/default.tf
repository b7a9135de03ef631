resource "aws_default_security_group" "all" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.99.0.0/16"]
  }
}
