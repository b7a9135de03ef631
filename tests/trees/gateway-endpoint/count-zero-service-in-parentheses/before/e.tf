data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

resource "aws_vpc_endpoint" "s3" {
  count = 0

  vpc_id       = "vpc-1"
  service_name = (data.aws_vpc_endpoint_service.s3.service_name)
}
