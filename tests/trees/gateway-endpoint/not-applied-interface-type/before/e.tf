resource "aws_vpc_endpoint" "s3" {
  vpc_endpoint_type = "Interface"

  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-west-2.s3"
}
