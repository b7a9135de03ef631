resource "aws_security_group" "batch" {
  name   = "bond-batch"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  ingress {
    description     = "From batch"
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.batch.id]
  }
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.us-west-2.ssm"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}
