resource "aws_route_table" "private" {
  tags = {
    Drill = "true"
  }
}
