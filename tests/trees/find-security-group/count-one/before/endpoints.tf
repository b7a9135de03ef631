resource "aws_security_group" "endpoints" {
  count  = 1
  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  # The batch machines
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.99.0.0/16"]
  } # see ticket 7
}
