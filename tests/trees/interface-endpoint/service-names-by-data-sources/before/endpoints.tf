resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  ingress {
    description = "From the VPC"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}

data "aws_vpc_endpoint_service" "ssm" {
  service = "ssm"
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = "vpc-1"
  service_name        = data.aws_vpc_endpoint_service.ssm.service_name
  vpc_endpoint_type   = data.aws_vpc_endpoint_service.ssm.service_type
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}
