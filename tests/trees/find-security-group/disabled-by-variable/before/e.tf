resource "aws_security_group" "endpoints" {
  count  = var.on ? 1 : 0
  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.99.0.0/16"]
  }
}
