"""How scripts are sorted: the plan's three areas, its fields, content groups and object groups, and the genres.

Codes are kept in tables and in the front matter of `scripts_library/`; the names are shown. Sources:
fields from article II.2.c of the plan with III.6 and II.2.b; areas from III.5; content groups from II.1;
object groups from I.2; kinds of exemplar from II.2.a; genres from the trade.
"""

AREAS = {
    "kinh-te-chinh-tri": "Kinh tế – Chính trị",
    "van-hoa-xa-hoi": "Văn hóa – Xã hội",
    "quoc-phong-an-ninh": "Quốc phòng – An ninh",
}

FIELDS = {
    "san-xuat-kinh-doanh": ("kinh-te-chinh-tri", "Sản xuất, kinh doanh giỏi"),
    "nong-thon-moi": ("kinh-te-chinh-tri", "Xây dựng nông thôn mới"),
    "kinh-te-ho": ("kinh-te-chinh-tri", "Kinh tế hộ gia đình, giảm nghèo"),
    "khoi-nghiep": ("kinh-te-chinh-tri", "Khởi nghiệp"),
    "xay-dung-dang": ("kinh-te-chinh-tri", "Xây dựng Đảng, đoàn thể"),
    "hoc-tap-bac": ("kinh-te-chinh-tri", "Học tập và làm theo Bác"),
    "sang-kien": ("kinh-te-chinh-tri", "Sáng kiến, ứng dụng công nghệ"),
    "nguoi-tot-viec-tot": ("van-hoa-xa-hoi", "Người tốt, việc tốt"),
    "day-tot-hoc-tot": ("van-hoa-xa-hoi", "Dạy tốt – học tốt"),
    "y-duc": ("van-hoa-xa-hoi", "Y đức"),
    "nhan-si-tri-thuc": ("van-hoa-xa-hoi", "Nhân sĩ, trí thức, nhà khoa học"),
    "tu-thien": ("van-hoa-xa-hoi", "Từ thiện, đền ơn đáp nghĩa"),
    "dung-cam": ("van-hoa-xa-hoi", "Dũng cảm cứu người, cứu tài sản"),
    "quoc-phong": ("quoc-phong-an-ninh", "Nhiệm vụ quốc phòng – an ninh"),
    "an-ninh-trat-tu": ("quoc-phong-an-ninh", "Gương thầm lặng giữ bình yên"),
}
"""code: (area, name)"""

CONTENT_GROUPS = {
    "tu-tuong": "Tư tưởng thi đua của Chủ tịch Hồ Chí Minh; gương học tập và làm theo Bác",
    "phong-trao": "Các phong trào thi đua và kết quả",
    "nhan-rong": "Phát hiện, bồi dưỡng, nhân rộng điển hình",
    "bieu-duong": "Biểu dương nhân tố mới, gắn với phong trào",
}

OBJECT_GROUPS = {
    "cong-chuc": "Công chức",
    "vien-chuc": "Viên chức",
    "chien-si": "Chiến sĩ",
    "nguoi-dan": "Người dân",
    "nguoi-lao-dong": "Người lao động",
}

EXEMPLAR_KINDS = {"ca-nhan": "Cá nhân", "tap-the": "Tập thể", "ho-gia-dinh": "Hộ gia đình"}

GENRES = {
    "tin": "Tin",
    "bai-phan-anh": "Bài phản ánh",
    "phong-su": "Phóng sự",
    "guong-dien-hinh": "Gương điển hình",
    "phong-van": "Phỏng vấn",
    "toa-dam": "Tọa đàm",
    "cau-chuyen": "Câu chuyện truyền thanh",
    "tieu-pham": "Tiểu phẩm",
    "thong-bao": "Thông báo",
    "phap-luat": "Hỏi đáp pháp luật",
    "tra-loi": "Trả lời phản ánh",
    "loi-dan": "Lời dẫn",
}
"""Songs and ca cổ are sound only and come with recordings."""

SHELLS = {
    "call": "Lời xướng",
    "greeting": "Lời chào",
    "contents": "Giới thiệu nội dung",
    "handover": "Lời chuyển mục",
    "farewell": "Lời chào kết thúc",
}

REASONS = {
    "power": "Mất điện",
    "equipment": "Hỏng máy, hỏng loa",
    "weather": "Mưa giông, tắt máy để an toàn",
    "other": "Lý do khác",
    "unprepared": "Chương trình chưa sẵn sàng",
}
"""Why a broadcast was not aired. The last is said by the service itself only."""
