resource "aws_vpc_endpoint" "s3" {
  count = can(regex("^t", var.on)) ? 1 : 0

  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-west-2.s3"
}
